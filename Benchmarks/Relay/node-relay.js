#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The least relay that a good engineer would write on Node's ws, to measure ours beside: rooms by path, types looked
// at, text forwarded as it came, nothing logged.
//     NODE_PATH=/usr/share/nodejs node node-relay.js PORT
'use strict'

const { WebSocketServer } = require('ws')

const rooms = new Map()
const forwarded = { camera: new Set(['offer', 'ice', 'status']), viewer: new Set(['answer', 'ice']) }
const otherEnd = { camera: 'viewer', viewer: 'camera' }

function room(name) {
  if (!rooms.has(name)) rooms.set(name, { camera: new Set(), viewer: new Set() })
  return rooms.get(name)
}

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024 })
server.on('connection', (socket, request) => {
  const [, role, name = 'default'] = request.url.split('/')
  if (!forwarded[role]) return socket.close(1008)
  const peers = room(name)
  peers[role].add(socket)
  socket.on('close', () => {
    peers[role].delete(socket)
    if (!peers.camera.size && !peers.viewer.size) rooms.delete(name)
  })
  socket.on('message', (data, isBinary) => {
    if (isBinary) return
    let message
    try {
      message = JSON.parse(data)
    } catch {
      return
    }
    if (forwarded[role].has(message?.type)) {
      for (const peer of peers[otherEnd[role]]) peer.send(data, { binary: false })
    }
  })
})
