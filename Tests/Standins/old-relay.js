#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A relay that behaves as the first generation's did, to test against: one room, nothing stored, no limits.
//     NODE_PATH=/usr/share/nodejs node old-relay.js [--port 8080] [--http-port 3000] [--bind 127.0.0.1]
// Port 0 takes any that is free; the first line says which: {"port":8080,"httpPort":3000}
'use strict'

const http = require('node:http')
const { parseArgs } = require('node:util')
const { WebSocketServer } = require('ws')

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    'http-port': { type: 'string', default: '3000' },
    bind: { type: 'string', default: '127.0.0.1' },
  },
})

const cameras = new Map()
const viewers = new Map()
let nextID = Date.now()

function sendAll(peers, data) {
  for (const socket of peers.values()) socket.send(data, { binary: typeof data !== 'string' })
}

function command(name) {
  for (const id of cameras.keys()) console.log(`📤 Sending ${name} command to camera (ID: ${id})`)
  sendAll(cameras, JSON.stringify({ command: name }))
}

function signal(from, peers, type, text) {
  console.log(`📡 WebRTC signaling from ${from}: ${type}`)
  sendAll(peers, text)
}

function fromCamera(id, { type, status }, text) {
  if (type === 'offer' || type === 'ice') signal('camera', viewers, type, text)
  else if (type === 'status' || (!type && status)) sendAll(viewers, JSON.stringify({ type: 'camera_status', cameraId: id, status }))
}

function fromViewer({ type, command: name, reason }, text) {
  if (type === 'reconnect_request') {
    console.log(`🔄 Reconnection requested from viewer: ${reason}`)
    command('reconnect')
  } else if (type === 'answer' || type === 'ice') signal('viewer', cameras, type, text)
  else if (name) command(name)
}

/// What is no JSON object is as good as an empty one: nothing is known in it.
function parse(text) {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    console.log('❌ Invalid JSON')
    return {}
  }
}

const relay = new WebSocketServer({ port: Number(options.port), host: options.bind })
relay.on('connection', (socket, request) => {
  const id = String(nextID++)
  const isCamera = request.url.includes('/camera')
  const peers = isCamera ? cameras : viewers
  peers.set(id, socket)
  console.log(isCamera ? `📱 Camera connected: ${id}` : `👁️  Viewer connected: ${id}`)
  socket.on('error', () => {})
  socket.on('close', () => {
    peers.delete(id)
    console.log(isCamera ? `📱 Camera disconnected: ${id}` : `👁️  Viewer disconnected: ${id}`)
  })
  socket.on('message', (data, isBinary) => {
    // Some phones send their JSON in binary frames.
    if (isBinary && data[0] !== 0x7b) return isCamera && data.length > 1000 ? sendAll(viewers, data) : undefined
    const text = data.toString()
    if (isCamera) fromCamera(id, parse(text), text)
    else fromViewer(parse(text), text)
  })
})

const server = http.createServer((request, response) => {
  const reply = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const control = /^\/control\/(start|stop)$/.exec(request.url)
  if (request.method === 'GET' && request.url === '/status') {
    reply(200, { cameras: cameras.size, viewers: viewers.size, timestamp: Date.now() })
  } else if (request.method === 'POST' && control) {
    command(control[1])
    reply(200, { success: true })
  } else reply(404, { error: 'not found' })
})

relay.on('listening', () => {
  server.listen(Number(options['http-port']), options.bind, () => {
    console.log(JSON.stringify({ port: relay.address().port, httpPort: server.address().port }))
  })
})
