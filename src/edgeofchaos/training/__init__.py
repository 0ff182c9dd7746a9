"""Training of many nets of one architecture at once, on MNIST."""
