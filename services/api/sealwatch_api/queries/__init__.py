"""All SQL of the api, a module per subject."""
