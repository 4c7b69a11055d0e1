"""How the members are combined and scored."""
