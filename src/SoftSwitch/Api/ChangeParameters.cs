using System.Text.Json;
using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Api;

/// <summary>What a request that changes something says: its path, its query, its headers, its body. What isn't known is refused, all
/// mistakes of a body in one go.</summary>
internal static class ChangeParameters
{
    public const string DryRun = "dry-run", Ttl = "ttl", FileName = "name", FileText = "text", Name = "name", Network = "network";

    /// <summary>How long something that is made for a while only may be there.</summary>
    public static readonly ScalarType<TimeSpan> Ttls = TimeScalars.Duration("1s", "365d");

    /// <summary>What was to be there for a while only is to stay.</summary>
    public const string NoTtl = "none";

    /// <summary>The list that such things are in.</summary>
    public static string ListOf(RunTimeNoun noun) => $"{noun.Word()}s";

    public static async Task<RunTimeChange> Read(HttpContext context, ChangeVerb verb, RunTimeNoun noun)
    {
        var isForward = noun == RunTimeNoun.Forward;
        string[] known = verb == ChangeVerb.Remove && isForward
            ? [Ttl, DryRun, Network, ForwardKeys.From.Name, ForwardKeys.On.Name] : [Ttl, DryRun];
        ListQuery.RefuseUnknown(context.Request.Query, known);
        var names = verb == ChangeVerb.Add ? [] : isForward ? [ForwardIn(context.Request.Query)] : NamesIn(context);
        var change = new RunTimeChange(verb, noun, names)
        {
            IsDry = IsDry(context),
            Ttl = TtlOf(context.Request.Query[Ttl]),
            IsForGood = context.Request.Query[Ttl] == NoTtl,
            IsStill = verb == ChangeVerb.Add || isForward ? IsStill(context, ItemTags.Of) : IsStill(context, noun, names, verb),
        };
        if (verb == ChangeVerb.Remove)
            return change;
        var text = await RequestText.Read(context, ProgramLimits.RequestBody.Most, ChangeRoutes.Json, ChangeRoutes.MergePatch);
        if (verb == ChangeVerb.Add)
            return Named(change, text);
        List<string> mistakes = [];
        var keys = Keys(text, noun, mistakes);
        mistakes.AddRange(from entry in keys.Entries
                          where entry.Value is RefusedNode && !KeysOf(noun).Contains(entry.Key)
                          select $"{noun.Word()}: there is no key {Shown.Quote(entry.Key)} to leave out: "
                              + NearestWord.Cure(entry.Key, KeysOf(noun)));
        return mistakes.Count == 0 ? change with { Keys = keys } : throw Mistakes(noun, mistakes);
    }

    public static bool IsDry(HttpContext context) => Is(context, DryRun);

    /// <summary>Whether a parameter is true; left out it isn't.</summary>
    public static bool Is(HttpContext context, string parameter) => context.Request.Query[parameter].ToString() switch
    {
        "" or "false" => false,
        "true" => true,
        _ => throw new ProblemException(StatusCodes.Status400BadRequest, $"{parameter} is true or false"),
    };

    /// <summary>What mistakes call a configuration that is sent.</summary>
    public static string NameOfFile(HttpContext context) =>
        context.Request.Query[FileName].ToString() is { Length: > 0 } name ? name : "the request";

    /// <summary>Whether what runs is what the client has seen; null: it doesn't say what that is.</summary>
    public static Func<SwitchModel, bool>? IsStill(HttpContext context, Func<SwitchModel, string> tag)
    {
        var header = context.Request.Headers.IfMatch;
        return header.Count == 0 ? null : model => ItemTags.Names(header, tag(model));
    }

    private static Func<SwitchModel, bool>? IsStill(HttpContext context, RunTimeNoun noun, IReadOnlyList<string> names, ChangeVerb verb)
    {
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
            return verb == ChangeVerb.Remove ? null : throw new ProblemException(StatusCodes.Status428PreconditionRequired,
                $"say which state you change: If-Match and the ETag of GET /v1/{ListOf(noun)}/{names[0]}, or If-Match: * for any");
        return model => names.All(name => ItemTags.Names(header, ItemTags.Of(model, noun, name)));
    }

    private static IReadOnlyList<string> NamesIn(HttpContext context)
    {
        var names = RunTimeNames.Expand($"{context.GetRouteValue(Name)}", out var mistake);
        return mistake is null ? names : throw new ProblemException(StatusCodes.Status400BadRequest, mistake);
    }

    private static string ForwardIn(IQueryCollection query)
    {
        var (network, from) = (query[Network].ToString(), query[ForwardKeys.From.Name].ToString());
        var on = query[ForwardKeys.On.Name].ToString();
        return network.Length > 0 && from.Length > 0 && !$"{network}{from}{on}".Contains(' ')
            ? ForwardName.Of(network, from, on.Length > 0 ? on : null).ToString()
            : throw new ProblemException(StatusCodes.Status400BadRequest,
                $"say which forward: {Network}=NETWORK&{ForwardKeys.From.Name}=tcp/2222, and {ForwardKeys.On.Name}=ADDRESS where it is for "
                    + "one alone");
    }

    private static TimeSpan? TtlOf(string? text) => text is null or "" or NoTtl ? null
        : Ttls.Parse(text, out var ttl) ? ttl
        : throw new ProblemException(StatusCodes.Status400BadRequest, $"{Ttl}: {Section.Refusal(text, Ttls)}, or {NoTtl}");

    /// <summary>What is to be made says its names itself.</summary>
    private static RunTimeChange Named(RunTimeChange change, string text)
    {
        var noun = change.Noun;
        List<string> mistakes = [];
        var keys = Keys(text, noun, mistakes);
        var own = noun == RunTimeNoun.Forward ? Network : Name;
        var named = keys.TextOf(own);
        IReadOnlyList<string> names = [];
        if (named is null)
            mistakes.Add(
                $"{noun.Word()}: '{own}' is missing: write {(own == Network ? "the network that it leads into" : "a name for it")}");
        else if (noun != RunTimeNoun.Forward)
        {
            names = RunTimeNames.Expand(named, out var mistake);
            if (mistake is not null)
                mistakes.Add($"{noun.Word()}: {mistake}");
        }
        else if (keys.TextOf(ForwardKeys.From.Name) is { } from && !$"{named}{from}".Contains(' '))
            names = [ForwardName.Of(named, from, keys.TextOf(ForwardKeys.On.Name)).ToString()];
        else
            mistakes.Add($"forward: '{ForwardKeys.From.Name}' is missing: write {ForwardKeys.From.Need}");
        if (mistakes.Count > 0)
            throw Mistakes(noun, mistakes);
        return change with { Names = names, Keys = keys with { Entries = [.. keys.Entries.Where(entry => entry.Key != own)] } };
    }

    private static IReadOnlyList<string> KeysOf(RunTimeNoun noun) =>
        [.. (noun == RunTimeNoun.Port ? PortKeys.Choices : NetworkKeys.All).Where(row => row.IsBuilt).Select(row => row.Name)];

    private static ProblemException Mistakes(RunTimeNoun noun, IReadOnlyList<string> mistakes) => new(
        StatusCodes.Status422UnprocessableEntity, $"the {noun.Word()} has mistakes; what ran before goes on", mistakes);

    private static MapNode Keys(string text, RunTimeNoun noun, List<string> mistakes)
    {
        try
        {
            using var json = JsonDocument.Parse(text, JsonNodes.Options);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new ProblemException(
                    StatusCodes.Status400BadRequest, "the body is a JSON object with the keys, such as {\"mtu\": 1400}");
            var list = new MistakeList("");
            var keys = JsonNodes.Map(json.RootElement, Position.In(noun.Word()), list);
            mistakes.AddRange(list.Sorted().Select(mistake => mistake.ToString()));
            return keys;
        }
        catch (JsonException e)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, $"the body is no JSON: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
