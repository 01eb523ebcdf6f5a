package server

import "net/http"

// handleSync gives a peer the statements it asks for.
func (s *Server) handleSync(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		var asked struct{ Want string }
		if err := conn.ReadJSON(&asked); err != nil {
			return
		}
		if err := conn.WriteJSON(s.store.All()); err != nil {
			return
		}
	}
}
