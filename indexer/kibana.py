"""Kibana: the objects of the desk out as NDJSON, into a Kibana by its API, and the saved queries of staff back.

`objects` gives every object of the export; `kibana_client` speaks Kibana's saved-objects API; what staff save with a
title that begins with `[CB]` comes back through `pulled_queries`.
"""
