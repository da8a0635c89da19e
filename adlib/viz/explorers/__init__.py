"""One explorer a file; each is a class on `adlib.viz.explorer.Explorer` and a function that makes one."""
