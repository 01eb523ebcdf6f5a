"""Faults of Python services: Flask, Django, FastAPI and Starlette, aiohttp; requests, httpx, urllib."""
