/** A view that is drawn again only when one of its properties is another value. */
import { Component, h, type ComponentType, type VNode } from 'preact';

export function memo<Properties extends object>(View: ComponentType<Properties>): ComponentType<Properties> {
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Properties): boolean {
      const { props } = this as { readonly props: Readonly<Record<string, unknown>> };
      const values = next as Readonly<Record<string, unknown>>;
      const names = Object.keys(values);
      return names.length !== Object.keys(props).length || names.some((name) => values[name] !== props[name]);
    }

    override render(): VNode {
      return h(View as ComponentType<object>, this.props);
    }
  };
}
