using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Live;

namespace SoftSwitch.Api;

/// <summary>POST /v1/reload: what runs becomes what the file says now, or it is only asked what would change.</summary>
internal static class ReloadRequest
{
    public const string DryRun = "dry-run";

    /// <exception cref="ProblemException">The file has mistakes, or what runs can't become that.</exception>
    public static byte[] Answer(ISwitchChanges changes, IQueryCollection query)
    {
        ListQuery.RefuseUnknown(query, DryRun);
        var outcome = changes.Reload(isDry: query[DryRun].ToString() switch
        {
            "" or "false" => false,
            "true" => true,
            _ => throw new ProblemException(StatusCodes.Status400BadRequest, $"{DryRun} is true or false"),
        });
        return outcome.Kind switch
        {
            ReloadKind.Applied or ReloadKind.Asked =>
                ReloadView.Members.Json(new(outcome.Kind == ReloadKind.Applied, outcome.Lines)),
            ReloadKind.Mistakes => throw new ProblemException(
                StatusCodes.Status422UnprocessableEntity, "the file has mistakes; what ran before goes on", outcome.Lines),
            _ => throw new ProblemException(
                StatusCodes.Status409Conflict, "this can't be applied to what runs, which goes on as before", outcome.Lines),
        };
    }
}
