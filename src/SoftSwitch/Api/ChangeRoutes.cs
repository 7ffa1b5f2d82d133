using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;
using SoftSwitch.Linux.Control;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Api;

/// <summary>The routes that change the switch: a body is read, a turn is waited for, the change is made, what became of it is
/// answered.</summary>
/// <param name="answers">Gives answers.</param>
/// <param name="changes">Changes it.</param>
internal sealed class ChangeRoutes(Answers answers, ISwitchChanges changes)
{
    public const string ReloadPath = "/v1/reload", SavePath = "/v1/config/save", UpgradePath = "/v1/upgrade";
    public const string Json = "application/json", MergePatch = "application/merge-patch+json";

    /// <summary>The types that a configuration may be sent as.</summary>
    public static readonly IReadOnlyList<string> ConfigTypes = ["application/yaml", "application/x-yaml", "text/yaml", Json];

    private readonly ChangeQueue _queue = new();

    /// <summary>Adds them to a listener.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        On(routes, HttpMethods.Post, ReloadPath, Reload);
        On(routes, HttpMethods.Post, SavePath, Save);
        On(routes, HttpMethods.Post, UpgradePath, Upgrade);
        foreach (var noun in Enum.GetValues<RunTimeNoun>())
        {
            var list = $"/v1/{ChangeParameters.ListOf(noun)}";
            On(routes, HttpMethods.Post, list, (context, user) => Change(context, user, ChangeVerb.Add, noun));
            if (noun == RunTimeNoun.Forward)
            {
                On(routes, HttpMethods.Delete, list, (context, user) => Change(context, user, ChangeVerb.Remove, noun));
                continue;
            }
            On(routes, HttpMethods.Patch, $"{list}/{{name}}", (context, user) => Change(context, user, ChangeVerb.Set, noun));
            On(routes, HttpMethods.Delete, $"{list}/{{name}}", (context, user) => Change(context, user, ChangeVerb.Remove, noun));
        }
    }

    private void On(IEndpointRouteBuilder routes, string method, string path, Func<HttpContext, uint, Task> answer) =>
        routes.MapMethods(path, [method], async context =>
        {
            var user = context.Features.Get<UserPlace>()?.User ?? ControlListener.NobodyKnown;
            using var place = _queue.Enter(user);
            await answer(context, user);
        });

    private async Task Reload(HttpContext context, uint user)
    {
        ListQuery.RefuseUnknown(context.Request.Query, ChangeParameters.DryRun, ChangeParameters.FileName);
        var change = new ReloadChange
        {
            IsDry = ChangeParameters.IsDry(context),
            IsOwner = IsOwner(user),
            IsStill = ChangeParameters.IsStill(context, ItemTags.Of),
            Given = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0
                ? new(ChangeParameters.NameOfFile(context), await RequestText.Read(context, ProgramLimits.ConfigBody.Most, ConfigTypes))
                : null,
        };
        var outcome = await _queue.Do(user, () => changes.Reload(change), context.RequestAborted);
        await answers.Give(context, () => ChangeAnswer.Of(outcome, "the file"));
    }

    private async Task Save(HttpContext context, uint user)
    {
        ListQuery.RefuseUnknown(context.Request.Query, ChangeParameters.DryRun, ChangeParameters.FileText);
        var change = new SaveChange(ChangeParameters.Is(context, ChangeParameters.FileText))
        {
            IsDry = ChangeParameters.IsDry(context),
            IsOwner = IsOwner(user),
            IsStill = ChangeParameters.IsStill(context, ItemTags.Of),
        };
        var outcome = await _queue.Do(user, () => changes.Save(change), context.RequestAborted);
        await answers.Give(context, () => ChangeAnswer.Of(
            outcome, "the file", "this can't be written into the file, which stays as it is"));
    }

    /// <summary>The answer says that it will be so: who has read it finds the other program.</summary>
    private async Task Upgrade(HttpContext context, uint user)
    {
        ListQuery.RefuseUnknown(context.Request.Query, ChangeParameters.DryRun);
        var change = new ChangeRequest { IsDry = ChangeParameters.IsDry(context), IsOwner = IsOwner(user) };
        var outcome = await _queue.Do(user, () => changes.Upgrade(change), context.RequestAborted);
        if (outcome.Kind == ChangeKind.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.OnCompleted(() =>
            {
                new Thread(changes.GoOn) { Name = "upgrade", IsBackground = true }.Start();
                return Task.CompletedTask;
            });
        }
        await answers.Give(context, () => ChangeAnswer.Of(outcome, "the program", "no other program can go on with what runs"));
    }

    private async Task Change(HttpContext context, uint user, ChangeVerb verb, RunTimeNoun noun)
    {
        var change = await ChangeParameters.Read(context, verb, noun) with { IsOwner = IsOwner(user) };
        var outcome = await _queue.Do(user, () => changes.Change(change), context.RequestAborted);
        await answers.Give(context, () =>
        {
            var json = ChangeAnswer.Of(Named(outcome, change), $"the {noun.Word()}");
            if (outcome.Kind == ChangeKind.Applied && verb == ChangeVerb.Add)
            {
                context.Response.StatusCode = StatusCodes.Status201Created;
                context.Response.Headers.Location = $"/v1/{ChangeParameters.ListOf(noun)}"
                    + (noun == RunTimeNoun.Forward || change.Names.Count > 1 ? "" : $"/{change.Names[0]}");
            }
            if (outcome.Kind == ChangeKind.Applied && change.Names.Count == 1
                && ItemTags.Of(changes.Model, noun, change.Names[0]) is { } tag)
                context.Response.Headers.ETag = tag;
            return json;
        });
    }

    /// <summary>What goes has no mistakes: it is somebody else who still needs it.</summary>
    private static ChangeOutcome Named(ChangeOutcome outcome, RunTimeChange change) =>
        change.Verb == ChangeVerb.Remove && outcome.Kind == ChangeKind.Mistakes ? outcome with { Kind = ChangeKind.Refused } : outcome;

    private static bool IsOwner(uint user) => user == 0 || user == ControlSocket.CurrentUser;
}
