using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Bounds;

/// <summary>
/// What of <see cref="Limits"/> is the program's own: all that clients, files and what it has to say can use up of it, in one place.
/// Whoever has a limit reads it here; <c>docs/limits.md</c> has this table behind those of forwarding and of the machine.
/// </summary>
public static class ProgramLimits
{
    public static readonly Limit Clients =
        new("connections to the control socket", Holder.Users, 64, AtLimit.MostGivesUpOldest);

    public static readonly Limit ClientsOfUser = new("connections to the control socket", Holder.User, 16, AtLimit.GivesUpOwnOldest);

    /// <summary>A place is an answer's own for half a second; then it gives way to who waits.</summary>
    public static readonly Limit Answers = new("answers that are made and read", Holder.Users, 8, AtLimit.MostGivesUpOldest);

    public static readonly Limit AnswersOfUser = new("answers that are made and read", Holder.User, 2, AtLimit.GivesUpOwnOldest);

    public static readonly Limit Refusals = new(
        "clients that are told, for a second at most, that there is no place for them", Holder.Process, 32, AtLimit.IsRefused);

    public static readonly Limit RequestBody = new("bytes of a request's body", Holder.User, 64 * 1024, AtLimit.IsRefused);

    /// <summary>A configuration that a client sends (POST /v1/reload).</summary>
    public static readonly Limit ConfigBody =
        new("bytes of a configuration that a request brings", Holder.User, 1024 * 1024, AtLimit.IsRefused);

    /// <summary>They are done one after the other, by turns of who asks.</summary>
    public static readonly Limit Changes =
        new("requests that change the switch and are read, wait or are done", Holder.Users, 64, AtLimit.LastAreForFew);

    public static readonly Limit ChangesOfUser =
        new("requests that change the switch and are read, wait or are done", Holder.User, 8, AtLimit.IsRefused);

    public static readonly Limit NamesOfChange =
        new("networks or ports that one request makes, changes or removes", Holder.User, 1_000, AtLimit.IsRefused);

    public static readonly Limit RunTimeItems = new(
        "networks, ports and forwards that are made, changed or removed at run time", Holder.Process, 20_000, AtLimit.IsRefused);

    public static readonly Limit ConfigFiles = new("files of a configuration that is a folder", Holder.Process, 256, AtLimit.IsRefused);

    public static readonly Limit Page = new("items on a page of a list", Holder.User, 10_000, AtLimit.Waits);

    public static readonly Limit EventReaders =
        new("clients that follow events", Holder.Users, 32, AtLimit.MostGivesUpOldest);

    public static readonly Limit EventReadersOfUser = new("clients that follow events", Holder.User, 8, AtLimit.GivesUpOwnOldest);

    public static readonly Limit KeptEvents =
        new("events that a slow reader, or one who comes back, can still get", Holder.Process, 4_096, AtLimit.GivesUpOwnOldest);

    public static readonly Limit FollowedStations =
        new("stations of which events tell that they come, move and go", Holder.Process, 65_536, AtLimit.IsRefused);

    /// <summary>What strangers can bring about comes as <see cref="Limits.News"/> only.</summary>
    public static readonly Limit Log =
        new("lines of the log that wait until somebody reads", Holder.Process, 1_024, AtLimit.MostGivesUpOldest);

    public static readonly Limit FlowLog = new(
        "lines of the flow log, which says how many are missing, and whose", Holder.Switch, 10_000, AtLimit.MostGivesUpOldest)
        { More = 10_000 };

    public static readonly Limit KnownAddresses = new(
        "addresses that a guest was known by, for forwards to its port's name", Holder.Port, 4, AtLimit.GivesUpOwnOldest);

    /// <summary>All of a /24 takes eight seconds.</summary>
    public static readonly Limit SearchedAddresses = new(
        "addresses that are asked for, to find the guest that a forward names", Holder.Port, 32, AtLimit.Waits) { More = 32 };

    public static readonly Limit Searches =
        new("the same for all guests", Holder.ControlPlane, 256, AtLimit.Waits) { More = 256 };

    /// <summary>Those that have a place first, then those that a forward names, then those of interfaces with a default route or most
    /// routes.</summary>
    public static readonly Limit ForwardAddresses = new(
        "addresses of the host at which forwards are asked by one way, beside that of the way", Holder.Process, Napt.MaximumAliases,
        AtLimit.IsRefused);

    /// <summary>Those with a default route or most routes first. Each is one of the 16 ways out that there may be.</summary>
    public static readonly Limit ForwardWays = new(
        "interfaces of the host by which forwards are asked, beside the one that leads out", Holder.Process, 8, AtLimit.IsRefused);

    /// <summary>Those of the ways out first. For each of them the kernel is asked about each destination, and an answer is kept.</summary>
    public static readonly Limit AnsweredAddresses = new(
        "addresses of the host that forwards are answered from, where its rules of routing look at the source", Holder.Process,
        Napt.MaximumAliases + 1, AtLimit.IsRefused);

    public static readonly Limit KnownResolvers = new(
        "resolvers of DNS of whom is known whether they answer", Holder.Process, 64, AtLimit.GivesUpOwnOldest);

    public static readonly Limit RememberedPorts =
        new("ports whose guests' addresses are remembered over a restart", Holder.Process, 6_000, AtLimit.IsRefused);

    public static readonly Limit RememberedLeases =
        new("leases that are remembered over a restart", Holder.Process, 262_144, AtLimit.IsRefused);

    public static readonly Limit RememberedPortAddresses =
        new("ports whose `auto` address is remembered over a restart", Holder.Process, 65_536, AtLimit.IsRefused);

    public static readonly Limit RememberedSubnets =
        new("networks whose chosen subnet is remembered over a restart", Holder.Process, 1_000, AtLimit.IsRefused);
}
