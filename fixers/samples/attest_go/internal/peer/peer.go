// Package peer exchanges statements with another attestd.
package peer

import (
	"context"

	"github.com/gorilla/websocket"

	"example.com/attest/internal/store"
)

// Pull asks a peer for its statements. A program is no page: it sends no Origin.
func Pull(ctx context.Context, address string) ([]store.Statement, error) {
	dialer := websocket.Dialer{}
	conn, _, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetReadLimit(1 << 20)
	if err := conn.WriteJSON(map[string]string{"want": "all"}); err != nil {
		return nil, err
	}
	var statements []store.Statement
	err = conn.ReadJSON(&statements)
	return statements, err
}
