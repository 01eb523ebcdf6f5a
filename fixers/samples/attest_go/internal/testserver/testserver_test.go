package testserver

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestItSaysWhatItIsTold(t *testing.T) {
	answer, err := http.Post("http://"+Start(t), "application/json", strings.NewReader(`"hello"`))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || string(said) != "\"hello\"\n" {
		t.Errorf("said %q: %v", said, err)
	}
}
