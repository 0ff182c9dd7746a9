"""Random deep nets, drawn exactly, and intervals for what is measured on them."""
