using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The ports of a bridge that are up, as one worker sees them for one burst. Immutable.</summary>
public sealed class BridgeView
{
    public static readonly BridgeView Empty = new([null]);

    private readonly Port?[] _bySlot;
    private readonly Port[] _ports;
    private readonly InnerPort[] _inner;

    internal BridgeView(Port?[] bySlot)
    {
        _bySlot = bySlot;
        _ports = [.. bySlot.OfType<Port>().Where(port => port is not InnerPort)];
        _inner = [.. bySlot.OfType<InnerPort>()];
    }

    /// <summary>Slots there are, slot 0 included, which is nobody's.</summary>
    public int SlotCount => _bySlot.Length;

    /// <summary>All ports that are up, but for those that are part of the dataplane: where a flood leaves.</summary>
    public ReadOnlySpan<Port> Ports => _ports;

    /// <summary>The ports that are part of the dataplane, which hear a flood as well.</summary>
    public ReadOnlySpan<InnerPort> Inner => _inner;

    /// <summary>The port in a slot, or null when it is down or gone.</summary>
    public Port? this[int slot] => (uint)slot < (uint)_bySlot.Length ? _bySlot[slot] : null;
}
