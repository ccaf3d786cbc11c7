"""Pictures for people: structures with their sites, growth, batteries."""
