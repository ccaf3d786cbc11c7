"""One file a family; each registers its builders on import."""
