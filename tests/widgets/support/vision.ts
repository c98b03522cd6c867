/**
 * How far apart two colours are to the eye, of people who see all colours and of those who lack a kind of cone.
 * Simulation after Machado, Oliveira and Fernandes (2009), full deficiency; distance in OKLab (Ottosson, 2020) × 100.
 */

type Triple = [number, number, number];
type Matrix = [Triple, Triple, Triple];

export const VISIONS: Record<string, Matrix> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

const times = (matrix: Matrix, [a, b, c]: Triple): Triple =>
  matrix.map(row => row[0] * a + row[1] * b + row[2] * c) as Triple;

function linear(hex: string): Triple {
  return [1, 3, 5].map(at => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

function oklab(rgb: Triple): Triple {
  const cones = times(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]],
    rgb,
  ); // prettier-ignore
  return times(
    [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]],
    cones.map(Math.cbrt) as Triple,
  ); // prettier-ignore
}

export function distance(a: string, b: string, vision: string): number {
  const seen = (hex: string): Triple =>
    oklab(times(VISIONS[vision]!, linear(hex)).map(value => Math.min(1, Math.max(0, value))) as Triple);
  const [x, y] = [seen(a), seen(b)];
  return 100 * Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}
