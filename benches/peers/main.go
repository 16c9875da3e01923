// Command peers does, with kyaml, the part of split-planes that needs no injection: it drops the resources that the
// selectors of the data plane and of neither plane claim. It is what the speed of split-planes is compared with.
package main

import (
	"fmt"
	"os"
	"regexp"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// claim is one selector of the functionConfig; an absent field is the zero value.
type claim struct {
	Kind          string `json:"kind"`
	Name          string `json:"name"`
	Namespace     string `json:"namespace"`
	LabelSelector string `json:"labelSelector"`
}

type config struct {
	Spec struct {
		Planes struct {
			DataPlane []claim `json:"dataPlane"`
			Neither   []claim `json:"neither"`
		} `json:"planes"`
	} `json:"spec"`
}

// predicate says whether a resource is claimed.
type predicate func(*yaml.RNode) bool

func (c claim) predicate() (predicate, error) {
	var all []predicate
	for _, field := range []struct {
		pattern string
		of      func(*yaml.RNode) string
	}{
		{c.Kind, (*yaml.RNode).GetKind},
		{c.Name, (*yaml.RNode).GetName},
		{c.Namespace, (*yaml.RNode).GetNamespace},
	} {
		if field.pattern == "" {
			continue
		}
		whole, err := regexp.Compile("^(?:" + field.pattern + ")$")
		if err != nil {
			return nil, err
		}
		all = append(all, func(item *yaml.RNode) bool { return whole.MatchString(field.of(item)) })
	}
	if c.LabelSelector != "" {
		selector, err := labels.Parse(c.LabelSelector)
		if err != nil {
			return nil, err
		}
		all = append(all, func(item *yaml.RNode) bool { return selector.Matches(labels.Set(item.GetLabels())) })
	}
	return func(item *yaml.RNode) bool {
		for _, holds := range all {
			if !holds(item) {
				return false
			}
		}
		return true
	}, nil
}

func split(list *framework.ResourceList) error {
	var read config
	if err := framework.LoadFunctionConfig(list.FunctionConfig, &read); err != nil {
		return err
	}
	var dropped []predicate
	for _, claim := range append(read.Spec.Planes.DataPlane, read.Spec.Planes.Neither...) {
		holds, err := claim.predicate()
		if err != nil {
			return err
		}
		dropped = append(dropped, holds)
	}
	kept := list.Items[:0]
	for _, item := range list.Items {
		isDropped := false
		for _, holds := range dropped {
			isDropped = isDropped || holds(item)
		}
		if !isDropped {
			kept = append(kept, item)
		}
	}
	list.Items = kept
	return nil
}

func main() {
	if err := framework.Execute(framework.ResourceListProcessorFunc(split), nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
