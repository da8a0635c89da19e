"""The API reference: complete, with working links, and readable without network."""

import html
import re
from html.parser import HTMLParser

import pytest

import adlib
from tests.tools import api


class Links(HTMLParser):
    """What a page refers to, and the places in it that can be referred to."""

    def __init__(self):
        super().__init__()
        self.loads, self.links, self.places = [], [], set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.places.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag in ("script", "img", "iframe") and given.get("src"):
            self.loads.append(given["src"])
        elif tag == "link":
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    api.build(folder)
    return {
        page.relative_to(folder).as_posix(): page.read_text(encoding="utf-8")
        for page in folder.rglob("*.html")
    }


def test_every_public_name_is_there_with_its_words(pages):
    front = pages["adlib.html"]
    for name in adlib.__all__:
        thing = getattr(adlib, name)
        if name in ("linalg", "nn", "numerical", "optim"):
            assert f"adlib/{name}.html" in pages
            continue
        assert f'id="{name}"' in front
        first = html.escape((thing.__doc__ or "").strip().splitlines()[0].split("`")[0].split("*")[0].strip())
        assert first, name
        assert first in html.escape(html.unescape(front)), name


def test_every_module_has_a_page(pages):
    assert len(api.modules()) > 20
    for module in api.modules():
        assert module.replace(".", "/") + ".html" in pages


def test_nothing_is_loaded_from_elsewhere_and_every_link_leads_somewhere(pages):
    seen = {}
    for name, text in pages.items():
        seen[name] = Links()
        seen[name].feed(text)
        assert not re.search(r"@import|url\(\s*['\"]?https?:", text)
    for name, page in seen.items():
        assert [x for x in page.loads if "//" in x and not x.startswith("data:")] == []
        for link in page.links:
            if link.startswith(("http://", "https://", "mailto:")):
                continue
            target, _, place = link.partition("#")
            base = name.split("/")[:-1]
            for step in target.split("/"):
                base = base[:-1] if step == ".." else base if step in (".", "") else [*base, step]
            there = "/".join(base) if target else name
            if there in ("search.js", ""):
                continue
            assert there in seen, (name, link)
            assert not place or place in seen[there].places, (name, link)
