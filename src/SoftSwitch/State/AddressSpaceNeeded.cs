using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>
/// How much address space a configuration takes, where that is limited (RLIMIT_AS). With less the runtime ends the process wherever it asks
/// for some, with a core or without a word; so it isn't begun. What it is made of was measured; most of it is never touched.
/// </summary>
internal static class AddressSpaceNeeded
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Until this program has begun anew, half of all is its heap's.</summary>
    private const long AtFirst = 640 * Mebibyte;

    /// <summary>The program, its libraries and its threads, with one worker and some more threads when there is much to do.</summary>
    private const long Base = 380 * Mebibyte;

    private const long OfWorker = 123 * Mebibyte;

    /// <summary>An outside address, and a flow of it: tables of two translators, one of which leads to the host.</summary>
    private const long OfOutside = 100 * Mebibyte, OfFlow = 224;

    /// <summary>Enough to read the file and begin anew.</summary>
    /// <exception cref="CommandException">There is less.</exception>
    public static void RequireAtFirst() => Require(MemoryLimit.Obstacle(AtFirst, "a switch"));

    /// <exception cref="CommandException">There is less than a configuration takes.</exception>
    public static void Require(SwitchModel model) => Require(Obstacle(model));

    /// <summary>That there is less than a configuration takes; null: there is enough.</summary>
    public static string? Obstacle(SwitchModel model)
    {
        var flows = FlowsOf(model).Sum();
        var what = string.Create(CultureInfo.InvariantCulture, $"this file ({model.Workers} worker{(model.Workers == 1 ? "" : "s")}")
            + (flows == 0 ? ")" : string.Create(CultureInfo.InvariantCulture, $", {flows} flows)"));
        return MemoryLimit.Obstacle(Of(model), what);
    }

    internal static long Of(SwitchModel model)
    {
        var own = Base + (model.Workers - 1) * OfWorker + FlowsOf(model).Sum(flows => OfOutside + flows * OfFlow);
        return long.Max(AtFirst, own / (FreshStart.HeapShare - 1) * FreshStart.HeapShare);
    }

    /// <summary>The flows of each outside.</summary>
    private static IEnumerable<long> FlowsOf(SwitchModel model) => model.Networks.Where(network => network.Nat is not null)
        .GroupBy(OutsidePlace.Of)
        .Select(outside => long.Min(outside.Sum(network => (long)network.Nat!.Flows), Napt.MaximumCapacity));

    private static void Require(string? obstacle)
    {
        if (obstacle is not null)
            throw new CommandException(ExitStatus.Failed, obstacle);
    }
}
