// verify judges the outputs of a split by the description of PlaneSplit alone. What only references place it takes
// from the outputs: such a resource must be in one of them, and unchanged.
package main

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

type object = map[string]any

var (
	hash   = regexp.MustCompile(`(?m)-[2456789bcdfghkmt]{10}$`)
	digest = regexp.MustCompile(`^[0-9a-f]{8,}$`)
	notes  = regexp.MustCompile(`^((internal\.|kustomize\.)?config\.(kubernetes|k8s)\.io|postrenderer\.helm\.sh|split-planes\.dev)/`)
	faults int
)

func fault(format string, args ...any) { faults++; fmt.Printf(format+"\n", args...) }

func load(name string) (all []object) {
	file, _ := os.Open(name)
	decoder := yaml.NewDecoder(file)
	for o := (object{}); decoder.Decode(&o) == nil; o = nil {
		all = append(all, o)
	}
	return all
}

// get follows keys; what is not there is nil.
func get(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(object)
		v = m[key]
	}
	return v
}

func text(v any, keys ...string) string { s, _ := get(v, keys...).(string); return s }
func list(v any, keys ...string) []any  { l, _ := get(v, keys...).([]any); return l }

func mapping(v any, keys ...string) object {
	if m, _ := get(v, keys...).(object); m != nil {
		return m
	}
	return object{}
}

// clone copies a value, without the hashes that kustomize adds to names.
func clone(v any) (copied any) {
	written, _ := yaml.Marshal(v)
	yaml.Unmarshal(hash.ReplaceAll(written, nil), &copied)
	return copied
}

func stem(o object) string { return hash.ReplaceAllString(text(o, "metadata", "name"), "") }
func id(o object) string {
	return text(o, "kind") + " " + text(o, "metadata", "namespace") + "/" + stem(o)
}

// template is the path of the pod template, and of its spec.
func template(o object) (path, spec []string) {
	if path = []string{"spec", "template"}; text(o, "kind") == "CronJob" {
		path = []string{"spec", "jobTemplate", "spec", "template"}
	}
	if get(get(o, path...), "spec") == nil {
		return nil, nil
	}
	return path, append(slices.Clone(path), "spec")
}

func selects(selectors []any, o object) bool {
	values := map[string][]string{"kind": {text(o, "kind")}, "name": {text(o, "metadata", "name"), stem(o)},
		"namespace": {text(o, "metadata", "namespace")}}
	return slices.ContainsFunc(selectors, func(selector any) bool {
		for field, wanted := range mapping(selector) {
			pattern := regexp.MustCompile(fmt.Sprintf("^(?:%s)$", wanted))
			if field != "containers" && !slices.ContainsFunc(values[field], pattern.MatchString) {
				return false
			}
		}
		return true
	})
}

// place says where an object belongs; nothing where only references tell.
func place(spec, o object) string {
	isNamed := func(cluster any) bool {
		return text(o, "kind") == "Secret" && text(cluster, "credentials", "secret") == stem(o)
	}
	annotations := mapping(o, "metadata", "annotations")
	isLocal := annotations["config.kubernetes.io/local-config"] == "true" || text(o, "kind") == "PlaneSplit"
	if isLocal || slices.ContainsFunc(list(spec, "clusters"), isNamed) {
		return "Neither"
	}
	lists := mapping(spec, "planes")
	for _, name := range []string{"neither", "both", "controlPlane", "dataPlane"} {
		if selects(list(lists, name), o) {
			return strings.ToUpper(name[:1]) + name[1:]
		}
	}
	return text(lists, "unmatched")
}

// plain is the object without what tools note on it, and with configuration as the value that it says.
func plain(o object) object {
	o = clone(o).(object)
	for key := range mapping(o, "data") {
		var config object
		if written := text(o, "data", key); yaml.Unmarshal([]byte(written), &config) == nil && config != nil {
			mapping(o, "data")[key] = config
		}
	}
	path, _ := template(o)
	for _, parent := range []object{o, mapping(o, path...)} {
		metadata := mapping(parent, "metadata")
		for key := range mapping(metadata, "annotations") {
			if notes.MatchString(key) {
				delete(mapping(metadata, "annotations"), key)
			}
		}
		if len(mapping(metadata, "annotations")) == 0 {
			delete(metadata, "annotations")
		}
		if len(metadata) == 0 {
			delete(parent, "metadata")
		}
	}
	return o
}

func merge(to, from object) object {
	for key, value := range from {
		if inner, isMapping := value.(object); isMapping {
			to[key] = merge(mapping(to, key), inner)
		} else if value == nil {
			delete(to, key)
		} else {
			to[key] = value
		}
	}
	return to
}

// expected is what the spec makes of an object in a plane; texts that it changes become values.
func expected(spec object, plane string, o object) object {
	o = plain(o)
	isControl := plane == "ControlPlane" && len(list(spec, "clusters")) > 0
	path, name := text(spec, "credentials", "mountPath"), text(spec, "credentials", "secretName")
	config := func(target any, change func(object)) {
		if text(o, "kind") == "ConfigMap" && text(target, "configMap") == stem(o) {
			value := mapping(o, "data", text(target, "key"))
			change(value)
			merge(o, object{"data": object{text(target, "key"): value}})
		}
	}
	for _, target := range list(spec, "clusterConfig", "targets") {
		if isControl {
			config(target, func(config object) { clusters(spec, config, path) })
		}
	}
	for _, override := range list(spec, "overrides") {
		if text(override, "plane") == plane {
			config(override, func(config object) { merge(config, mapping(override, "merge")) })
		}
	}
	_, at := template(o)
	for _, selector := range list(spec, "credentials", "mounts") {
		if !isControl || at == nil || !selects([]any{selector}, o) {
			continue
		}
		pod := mapping(o, at...)
		for _, container := range append(list(pod, "containers"), list(pod, "initContainers")...) {
			names := list(selector, "containers")
			if names == nil || slices.Contains(names, get(container, "name")) {
				container.(object)["volumeMounts"] = append(list(container, "volumeMounts"), object{"name": name, "mountPath": path})
			}
		}
		pod["volumes"] = append(list(pod, "volumes"), object{"name": name, "secret": object{"secretName": name}})
	}
	return o
}

func clusters(spec, config object, path string) {
	entries := list(config, "clusters", "clusterConfigs")
	for _, cluster := range list(spec, "clusters") {
		name := text(cluster, "name")
		auth := object{"type": "file_path", "tokenPath": path + "/" + name + "_token", "certPath": path + "/" + name + "_cacert"}
		entries = append(entries, object{"name": name, "endpoint": get(cluster, "endpoint"), "enabled": true, "auth": auth})
	}
	merge(config, object{"clusters": object{"clusterConfigs": entries}})
}

// addition checks what the spec adds; whether it adds the object.
func addition(spec object, plane string, o object, namespace any, tokens map[string]string) bool {
	token := mapping(spec, "dataPlane", "serviceAccountToken")
	metadata := object{"name": text(spec, "credentials", "secretName"), "namespace": namespace}
	wanted := object{"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}
	switch {
	case plane == "DataPlane" && text(o, "kind") == "Secret" && stem(o) == text(token, "secretName"):
		annotations := object{"kubernetes.io/service-account.name": token["serviceAccount"]}
		wanted["metadata"] = object{"name": token["secretName"], "namespace": token["namespace"], "annotations": annotations}
		wanted["type"] = "kubernetes.io/service-account-token"
	case plane == "ControlPlane" && text(spec, "credentials", "source") != "Existing" && stem(o) == metadata["name"]:
		data := object{}
		for _, cluster := range list(spec, "clusters") {
			for key, file := range map[string]string{"_token": "token", "_cacert": "ca.crt"} {
				data[text(cluster, "name")+key] = tokens[text(cluster, "credentials", "secret")+file]
			}
		}
		wanted["data"] = data
	default:
		return false
	}
	if !reflect.DeepEqual(clone(wanted), clone(plain(o))) {
		fault("%s: %s is not what the spec adds", plane, id(o))
	}
	return true
}

func main() {
	config, base := flag.String("c", "", "the spec"), flag.String("base", "", "the resources")
	control, data := flag.String("control-plane", "", "an output"), flag.String("data-plane", "", "the other")
	flag.Parse()
	defaults := object{"credentials": object{"mountPath": "/var/run/credentials", "secretName": "cluster-credentials"}}
	spec := merge(defaults, mapping(load(*config)[0], "spec"))
	values, placed, before, namespace := map[string]string{}, map[string]int{}, load(*base), any(nil)
	for _, o := range before {
		for _, file := range []string{"token", "ca.crt"} {
			values[stem(o)+file] = text(o, "data", file)
		}
		if selects(list(spec, "credentials", "mounts"), o) {
			namespace = get(o, "metadata", "namespace")
		}
	}
	for at, output := range []string{*control, *data} {
		plane, found := map[bool]string{true: "ControlPlane", false: "DataPlane"}[at == 0], map[string]object{}
		for _, o := range load(output) {
			if found[id(o)] != nil {
				fault("%s: %s is there twice", plane, id(o))
			}
			found[id(o)] = o
		}
		for _, o := range before {
			where, there := place(spec, o), found[id(o)]
			belongs := where == plane || where == "Both"
			delete(found, id(o))
			switch {
			case (there == nil) == belongs && where != "":
				fault("%s: %s is missing, or does not belong here", plane, id(o))
			case there != nil:
				placed[id(o)]++
				if !reflect.DeepEqual(expected(spec, plane, o), plain(there)) {
					fault("%s: %s differs", plane, id(o))
				}
				path, _ := template(o)
				isMounted := at == 0 && path != nil && selects(list(spec, "credentials", "mounts"), o)
				if isMounted && !digest.MatchString(text(mapping(there, path...), "metadata", "annotations", "split-planes.dev/checksum")) {
					fault("%s: %s has no checksum", plane, id(o))
				}
			}
		}
		for name, o := range found {
			if !addition(spec, plane, o, namespace, values) {
				fault("%s: %s is invented", plane, name)
			}
			placed[plane+stem(o)]++
		}
		raw, _ := os.ReadFile(output)
		for name, value := range values {
			token, _ := base64.StdEncoding.DecodeString(value)
			isToken := plane == "DataPlane" && strings.HasSuffix(name, "token") && len(token) > 0
			if isToken && (strings.Contains(string(raw), value) || strings.Contains(string(raw), string(token))) {
				fault("%s holds the token of %s", plane, name)
			}
		}
		added := text(spec, "dataPlane", "serviceAccountToken", "secretName")
		if plane == "ControlPlane" {
			added = text(spec, "credentials", "secretName")
		}
		isAdded := at > 0 || text(spec, "credentials", "source") != "Existing" && len(list(spec, "clusters")) > 0
		if isAdded && placed[plane+added] == 0 {
			fault("%s: Secret %s is missing", plane, added)
		}
	}
	for _, o := range before {
		if place(spec, o) == "" && placed[id(o)] == 0 {
			fault("%s is in no output", id(o))
		}
	}
	os.Exit(min(faults, 1))
}
