"""Pages about a store, live in a browser or as one static file.

The pages themselves are in the project's folder `dashboards`; here is what they are made of.
"""
