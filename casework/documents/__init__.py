"""Documents that leave the police: agenda, research request, action list, minutes, referral form.

One description of a document (`model`), made from what the reader may see (`content`), becomes
accessible HTML or PDF (`render`), the same words in both, with its marking on every page.
"""
