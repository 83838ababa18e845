"""Tests of the product, named for what they hold."""
