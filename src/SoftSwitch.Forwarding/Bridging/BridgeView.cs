using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The ports of a bridge that are up, as one worker sees them for one burst. Immutable.</summary>
public sealed class BridgeView
{
    public static readonly BridgeView Empty = new([null]);

    private readonly Port?[] _bySlot;
    private readonly Port[] _ports;

    internal BridgeView(Port?[] bySlot)
    {
        _bySlot = bySlot;
        _ports = [.. bySlot.OfType<Port>()];
    }

    /// <summary>Slots there are, slot 0 included, which is nobody's.</summary>
    public int SlotCount => _bySlot.Length;

    /// <summary>All ports that are up: where a flood goes.</summary>
    public ReadOnlySpan<Port> Ports => _ports;

    /// <summary>The port in a slot, or null when it is down or gone.</summary>
    public Port? this[int slot] => (uint)slot < (uint)_bySlot.Length ? _bySlot[slot] : null;
}
