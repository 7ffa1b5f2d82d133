using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>What a router has decided about one packet.</summary>
internal readonly struct Route
{
    private Route(Course course, Outside? way = null, Ipv4Address next = default, Refusal refusal = default) =>
        (Way, Next, Course, Refusal) = (way, next, course, refusal);

    public Course Course { get; }

    /// <summary>The way out, where the packet leaves or turns around.</summary>
    public Outside? Way { get; }

    /// <summary>The neighbor that it is handed to.</summary>
    public Ipv4Address Next { get; }

    /// <summary>Why it goes nowhere.</summary>
    public Refusal Refusal { get; }

    public static Route Ours => new(Course.Ours);

    public static Route Inside(Ipv4Address neighbor) => new(Course.Inside, next: neighbor);

    public static Route Hairpin(Outside around) => new(Course.Hairpin, around);

    public static Route ToHost(Outside way, Ipv4Address next) => new(Course.Host, way, next);

    public static Route Out(Outside way, Ipv4Address next) => new(Course.Out, way, next);

    public static Route Asked => new(Course.Asked);

    public static implicit operator Route(Refusal refusal) => new(Course.Refused, refusal: refusal);
}
