"""The demonstration: the sample lived through in skipped time, with the product's own workflows."""
