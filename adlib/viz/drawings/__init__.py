"""What figures and explorers both draw: a file for each subject.

All of it is pure: numbers of a lesson, and functions that put them on the axes that were handed in.  Figures and
explorers import from here, and neither from the other, so that a page without a kernel shows what the explorer shows.
"""
