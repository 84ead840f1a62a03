// The offline base map: Natural Earth 1:10m as packaged by world-atlas, cut to the region and
// generalised. Natural Earth draws de facto control and puts Crimea inside Russia; here the Crimean
// polygon is joined to Ukraine along their shared line (UN General Assembly resolution 68/262), and
// that line is kept apart so that the page can draw it dashed. No statement on status is intended.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoContains, geoBounds } from "d3-geo";
import { feature, mergeArcs, mesh, quantize } from "topojson-client";
import { filter, filterWeight, presimplify, simplify } from "topojson-simplify";

const REGION = [[10, 40], [52, 61]];
const UKRAINE = "804", RUSSIA = "643";
const IN_CRIMEA = [34.1, 45.2];

const world = () =>
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve("world-atlas/countries-10m.json"), "utf8"));

const polygonsOf = (geometry) => (geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs);
const polygon = (arcs) => ({ type: "Polygon", arcs });

function touchesRegion(topology, arcs) {
  const [[west, south], [east, north]] = geoBounds(feature(topology, polygon(arcs)));
  if (west > east) return false; // crosses the antimeridian: far away
  return east >= REGION[0][0] && west <= REGION[1][0] && north >= REGION[0][1] && south <= REGION[1][1];
}

function without(geometry, unwanted) {
  return { ...geometry, type: "MultiPolygon", arcs: polygonsOf(geometry).filter((arcs) => !unwanted.includes(arcs)) };
}

export function basemap() {
  const topology = world();
  const countries = topology.objects.countries.geometries;
  const ukraine = countries.find((g) => g.id === UKRAINE);
  const russia = countries.find((g) => g.id === RUSSIA);
  const crimea = polygonsOf(russia).filter((arcs) => geoContains(feature(topology, polygon(arcs)), IN_CRIMEA));
  const crimeaShape = { type: "MultiPolygon", arcs: crimea };
  const kosovo = countries.find((g) => g.properties.name === "Kosovo");
  const serbia = countries.find((g) => g.properties.name === "Serbia");
  const disputed = [];
  if (crimea.length > 0) disputed.push({ about: "Crimea", between: [crimeaShape, ukraine] });
  if (kosovo && serbia) disputed.push({ about: "Kosovo", between: [kosovo, serbia] });

  const joined = crimea.length > 0 ? { ...mergeArcs(topology, [ukraine, crimeaShape]), id: UKRAINE, properties: ukraine.properties } : ukraine;
  const kept = countries
    .map((g) => (g === ukraine ? joined : g === russia ? without(russia, crimea) : g))
    .filter((g) => g.arcs)
    .map((g) => ({ type: "MultiPolygon", id: g.id, properties: { name: g.properties.name }, arcs: polygonsOf(g).filter((a) => touchesRegion(topology, a)) }))
    .filter((g) => g.arcs.length > 0);
  const lines = disputed.map(({ about, between }) => {
    const line = mesh(topology, { type: "GeometryCollection", geometries: between }, (a, b) => a !== b);
    return { type: "Feature", properties: { about }, geometry: line };
  });

  let cut = { ...topology, objects: { countries: { type: "GeometryCollection", geometries: kept } } };
  cut = presimplify(cut);
  cut = simplify(cut, 4e-4);
  cut = filter(cut, filterWeight(cut, 4e-3));
  cut = quantize(cut, 2e4);
  const round = (n) => Math.round(n * 1e4) / 1e4;
  for (const l of lines) l.geometry.coordinates = l.geometry.coordinates.map((part) => part.map((p) => p.map(round)));
  return {
    source: "Natural Earth 1:10m (public domain) as packaged by world-atlas 2.0.2, generalised",
    topology: cut,
    disputed: { type: "FeatureCollection", features: lines },
  };
}
