//! Home Assistant: its REST API, its WebSocket, and the Supervisor in front of them.
