"""The journeys over HTTP: JSON, server-rendered pages, cookies, on Starlette."""
