package PACKAGE

import (
	"net/http"
	"os"
)

// listenAndServe speaks TLS with the certificate and key that PREFIXTLS_CERT and PREFIXTLS_KEY name. Without both it
// speaks plain HTTP: for loopback, and behind a proxy that terminates TLS.
func listenAndServe(server *http.Server) error {
	cert, key := os.Getenv("PREFIXTLS_CERT"), os.Getenv("PREFIXTLS_KEY")
	if cert == "" && key == "" {
		return server.ListenAndServe()
	}
	return server.ListenAndServeTLS(cert, key)
}
