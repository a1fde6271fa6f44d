"""The voice menus: what a caller hears, which keys count, and where each of them leads."""
