"""The styles of memes, one module a style; the module's name is the style's name.

`memegen.layout.layout.StyleModule` says what a module offers. options.py lists the modules without importing
them, and layout.py imports the one that is asked for. docs/how-to/style.md leads through adding one.
"""
