export const dynamic = "force-dynamic";

/** Rendered for every request, as the product's pages are. */
export default function Page() {
  return <h1>A page and nothing else</h1>;
}
