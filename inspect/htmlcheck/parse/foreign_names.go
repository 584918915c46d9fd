package parse

import (
	"strings"
	"sync"
)

// svgTags, svgAttrs and mathAttrs give the names of SVG and MathML in their own letter case
// for those in lower case (13.2.6.5).
var (
	svgTags   = names(svgTagNames)
	svgAttrs  = names(svgAttrNames)
	mathAttrs = names("definitionURL")
)

func names(list string) func() map[string]string {
	return sync.OnceValue(func() map[string]string {
		m := map[string]string{}
		for _, name := range strings.Fields(list) {
			m[strings.ToLower(name)] = name
		}
		return m
	})
}

const svgTagNames = `altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath feBlend
	feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
	feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset
	fePointLight feSpecularLighting feSpotLight feTile feTurbulence foreignObject glyphRef linearGradient radialGradient
	textPath`

const svgAttrNames = `attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits diffuseConstant
	edgeMode filterUnits glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines
	keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves
	pathLength patternContentUnits patternTransform patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha
	preserveAspectRatio primitiveUnits refX refY repeatCount repeatDur requiredExtensions requiredFeatures
	specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage
	tableValues targetX targetY textLength viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan`
