"""For people with a model: initialise it, and choose where."""
