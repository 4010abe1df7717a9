"""`/openapi.json`: the REST surface as OpenAPI 3.1."""
