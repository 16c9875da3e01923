// Command yamlcheck reads YAML documents, each a JSON string on a line of its own, and prints what Go's readers make
// of them, each as a JSON object on a line of its own: "v3" by yaml.v3, with which kustomize and kpt read, "v2" by
// sigs.k8s.io/yaml, with which kubectl reads. A key is missing when that reader refuses the document.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for decoder.More() {
		var document string
		if err := decoder.Decode(&document); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		result := map[string]any{}
		if value, err := guarded(readV3, document); err == nil {
			result["v3"] = value
		}
		if value, err := guarded(readV2, document); err == nil {
			result["v2"] = value
		}
		if err := encoder.Encode(result); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// guarded turns a panic of a reader into a refusal.
func guarded(read func(string) (any, error), document string) (value any, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return read(document)
}

func readV3(document string) (any, error) {
	var value any
	if err := yaml.Unmarshal([]byte(document), &value); err != nil {
		return nil, err
	}
	return convert(value)
}

func readV2(document string) (any, error) {
	text, err := sigs.YAMLToJSON([]byte(document))
	return json.RawMessage(text), err
}

// convert makes keys text, as sigs.k8s.io/yaml does, and marks floats, which JSON does not tell from integers, and what is not JSON.
func convert(value any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		return convertEntries(value, func(key string) (string, error) { return key, nil })
	case map[any]any:
		return convertEntries(value, keyText)
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			converted, err := convert(item)
			if err != nil {
				return nil, err
			}
			items[i] = converted
		}
		return items, nil
	case float64:
		if math.IsInf(value, 0) || math.IsNaN(value) {
			return map[string]any{"$text": "float"}, nil
		}
		return map[string]any{"$float": strconv.FormatFloat(value, 'g', -1, 64)}, nil
	case time.Time:
		return map[string]any{"$text": "time"}, nil
	}
	return value, nil
}

func convertEntries[K comparable](entries map[K]any, text func(K) (string, error)) (any, error) {
	converted := make(map[string]any, len(entries))
	for key, value := range entries {
		name, err := text(key)
		if err != nil {
			return nil, err
		}
		if converted[name], err = convert(value); err != nil {
			return nil, err
		}
	}
	if len(converted) != len(entries) {
		return nil, fmt.Errorf("two keys have the same text")
	}
	return converted, nil
}

func keyText(key any) (string, error) {
	switch key := key.(type) {
	case string:
		return key, nil
	case int, int64, uint64, bool:
		return fmt.Sprint(key), nil
	case float64:
		text := strconv.FormatFloat(key, 'g', -1, 32)
		return strings.NewReplacer("+Inf", ".inf", "-Inf", "-.inf", "NaN", ".nan").Replace(text), nil
	case time.Time:
		return "", fmt.Errorf("a time as a key")
	}
	return "", fmt.Errorf("a key of type %T", key)
}
