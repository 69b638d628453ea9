# %% [markdown]
# # 03 · A deep net
