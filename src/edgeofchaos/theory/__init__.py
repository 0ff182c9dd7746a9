"""Mean-field theory: expectations, the variance and correlation maps, the edge of chaos."""
