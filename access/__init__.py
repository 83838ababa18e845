"""The one gate that every look and every command passes, and the access log it writes."""
