# The HTTP benchmark's contestant in Python: FastAPI and paho, as well as it can be written: one
# event loop, and a future for each PUBACK. Arguments: HTTP port, broker port.

import asyncio
import sys
from typing import Optional

import paho.mqtt.client as mqtt
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

http_port, mqtt_port = int(sys.argv[1]), int(sys.argv[2])
app = FastAPI()
client = mqtt.Client(protocol=mqtt.MQTTv5)
client.max_inflight_messages_set(1000)
waiting = {}
early = set()


class Message(BaseModel):
    topic: str
    payload: str
    qos: Optional[int] = 0
    retain: Optional[bool] = False


def settle(mid):
    future = waiting.pop(mid, None)
    if future is None:
        early.add(mid)
    elif not future.done():
        future.set_result(None)


@app.on_event("startup")
async def start():
    loop = asyncio.get_running_loop()
    client.on_publish = lambda _client, _data, mid: loop.call_soon_threadsafe(settle, mid)
    client.connect("127.0.0.1", mqtt_port)
    client.loop_start()


@app.post("/publish")
async def publish(message: Message):
    info = client.publish(message.topic, message.payload, message.qos, message.retain)
    if info.mid in early:
        early.discard(info.mid)
    else:
        future = asyncio.get_running_loop().create_future()
        waiting[info.mid] = future
        await future
    return {"id": info.mid}


uvicorn.run(app, host="127.0.0.1", port=http_port, log_level="warning", access_log=False)
