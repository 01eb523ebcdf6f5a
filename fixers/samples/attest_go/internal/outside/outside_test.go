package outside

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestThisMachineIsNotOutside(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	if _, err := Fetch(context.Background(), server.URL); err == nil || asked {
		t.Errorf("asked this machine: %v", err)
	}
}
