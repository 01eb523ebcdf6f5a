package PACKAGE

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestListenAndServeSpeaksTLSWithACertificate(t *testing.T) {
	model := httptest.NewTLSServer(nil)
	client, pair := model.Client(), model.TLS.Certificates[0]
	model.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"PREFIXTLS_CERT": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"PREFIXTLS_KEY":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		file := filepath.Join(t.TempDir(), "pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, file)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	server := &http.Server{Addr: address, Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	defer server.Close()
	go func() { _ = listenAndServe(server) }()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var answer *http.Response
		if answer, err = client.Get("https://" + address); err == nil {
			answer.Body.Close()
			return
		}
	}
	t.Error(err)
}
