package PACKAGE

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestGuardedClientStaysOutside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	for setting, reached := range map[string]bool{"": false, "1": true} {
		t.Setenv("PREFIXALLOW_INTERNAL", setting)
		answer, err := guardedClient(http.DefaultClient).Get(server.URL)
		if err == nil {
			answer.Body.Close()
		}
		if (err == nil) != reached {
			t.Errorf("PREFIXALLOW_INTERNAL=%q, this machine: %v", setting, err)
		}
		for address, allowed := range map[string]bool{
			"93.184.215.14:443":       true,
			"[2606:2800:21f::1]:443":  true,
			"192.168.1.1:80":          reached,
			"[::ffff:10.0.0.1]:80":    reached,
			"169.254.169.254:80":      false,
			"[fe80::1%eth0]:80":       false,
			"[fd00:ec2::254]:80":      false,
			"0.0.0.0:80":              false,
			"metadata.example.com:80": false,
		} {
			if err := refuseInternal("tcp", address, nil); (err == nil) != allowed {
				t.Errorf("PREFIXALLOW_INTERNAL=%q, %s: %v", setting, address, err)
			}
		}
		http.DefaultClient.CloseIdleConnections()
		guardedTransport.CloseIdleConnections()
	}
}
