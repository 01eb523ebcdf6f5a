"""The goods, for the storefront and for partners."""

import os

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware

from catalog import shelf

app = FastAPI(title="Stall catalog", debug=True)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["GET", "POST"],
)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["*"])


@app.get("/goods")
async def goods():
    return shelf.all_goods()


@app.post("/goods/import")
async def import_goods(request: Request):
    return {"read": shelf.read(await request.body())}


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "0.0.0.0"), port=8001)
