namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The ports of a bridge that are up, as one worker sees them for one burst. Immutable.</summary>
public sealed class BridgeView
{
    public static readonly BridgeView Empty = new([null]);

    private readonly Membership?[] _bySlot;
    private readonly Membership[] _ports;
    private readonly InnerPort[] _inner;

    internal BridgeView(Membership?[] bySlot)
    {
        _bySlot = bySlot;
        _ports = [.. bySlot.OfType<Membership>().Where(member => member.Port is not InnerPort)];
        _inner = [.. bySlot.Select(member => member?.Port).OfType<InnerPort>().Where(inner => inner.HearsFloods)];
        SmallestMtu = _ports.Select(member => member.Port.Mtu).DefaultIfEmpty(int.MaxValue).Min();
    }

    /// <summary>Slots there are, slot 0 included, which is nobody's.</summary>
    public int SlotCount => _bySlot.Length;

    /// <summary>All ports that are up, but for those that are part of the dataplane: where a flood leaves.</summary>
    public ReadOnlySpan<Membership> Ports => _ports;

    /// <summary>The ports that are part of the dataplane, which hear a flood as well.</summary>
    public ReadOnlySpan<InnerPort> Inner => _inner;

    /// <summary>What leaves by every port that is up, in bytes.</summary>
    public int SmallestMtu { get; }

    /// <summary>A member is up.</summary>
    public bool Has(Membership member) => this[member.Slot] == member;

    /// <summary>Who has a slot, or null when it is down or gone.</summary>
    public Membership? this[int slot] => (uint)slot < (uint)_bySlot.Length ? _bySlot[slot] : null;
}
