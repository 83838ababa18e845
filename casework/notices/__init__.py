"""Notices to officers and partners, and messages to victims: what leaves the building."""
