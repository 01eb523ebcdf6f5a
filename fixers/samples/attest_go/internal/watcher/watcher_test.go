package watcher

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheCollectorOfThisMachineIsTold(t *testing.T) {
	told := 0
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told++ }))
	defer collector.Close()
	if err := New(collector.URL).Report([]byte("{}")); err != nil || told != 1 {
		t.Errorf("told %d times: %v", told, err)
	}
}

func TestARefusalIsAnError(t *testing.T) {
	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "full", http.StatusInsufficientStorage)
	}))
	defer full.Close()
	err := New("").Deliver(context.Background(), Watch{Name: "archive", WebhookURL: full.URL}, []byte("{}"))
	if err == nil || !strings.Contains(err.Error(), "archive") {
		t.Errorf("the refusal is %v", err)
	}
}
