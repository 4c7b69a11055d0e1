"""Where the text goes: free space, placement, and one module a style."""
