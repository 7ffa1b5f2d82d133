using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>What a router has decided about one packet.</summary>
internal readonly struct Route
{
    private readonly ushort _mtu, _segmentMtu;

    private Route(
        Course course, Outside? way = null, Ipv4Address next = default, Refusal refusal = default,
        ushort mtu = ushort.MaxValue, ushort segmentMtu = ushort.MaxValue, bool isOfSource = false, Outside? into = null) =>
        (Way, Next, Course, Refusal, _mtu, _segmentMtu, IsOfSource, Into) =
            (way, next, course, refusal, mtu, segmentMtu, isOfSource, into ?? way);

    public Course Course { get; }

    /// <summary>The way out, where the packet leaves or turns around.</summary>
    public Outside? Way { get; }

    /// <summary>Where a packet that turns around comes in: the way out, or another network's.</summary>
    public Outside? Into { get; }

    /// <summary>The neighbor that it is handed to.</summary>
    public Ipv4Address Next { get; }

    /// <summary>The longest packet that goes there, in bytes: what the way takes, or less, where a route says so.</summary>
    public int Mtu => int.Min(Way!.Mtu, _mtu);

    /// <summary>The longest that TCP's segments there are to become.</summary>
    public int SegmentMtu => int.Min(Way!.Mtu, _segmentMtu);

    /// <summary>With another source than that of the way, a packet may go elsewhere.</summary>
    public bool IsOfSource { get; }

    /// <summary>Why it goes nowhere.</summary>
    public Refusal Refusal { get; }

    public static Route Ours => new(Course.Ours);

    public static Route Inside(Ipv4Address neighbor) => new(Course.Inside, next: neighbor);

    public static Route Hairpin(Outside around, Outside into) => new(Course.Hairpin, around, into: into);

    public static Route ToHost(Outside way, Ipv4Address next) => new(Course.Host, way, next);

    public static Route Out(Outside way, Ipv4Address next) => new(Course.Out, way, next);

    public static Route Out(in WayTo to) => new(Course.Out, to.Way, to.Neighbor, mtu: to.Mtu, segmentMtu: to.SegmentMtu);

    public Route OfSource() => new(Course, Way, Next, Refusal, _mtu, _segmentMtu, isOfSource: true);

    public static Route Asked => new(Course.Asked);

    public static implicit operator Route(Refusal refusal) => new(Course.Refused, refusal: refusal);
}
